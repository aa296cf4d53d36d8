-- Who has used up all attempts of a test without passing it?
--
-- Takes: $snapshot_date, $courses, $entity_types, $learner_ids, $people_with
-- $pass_share: the share of the full mark that passes; default: 0.5, as in test_difficulty
-- $group_by: a row per course, entity_type or column of the people file, due_date or due_month instead; default: a row per learner and test
--
-- Not passing is not completed, or a mark below that share. How many attempts were made is told by no column: it is
-- read from attributes (attempts as a number or a list, attemptCount, noOfAttempts, attemptsTaken). A record without
-- any of them is in no row here: of it nobody knows.
WITH told AS (
    SELECT
        *,
        attempts_of(attributes) AS attempts,
        CASE WHEN max_mark > 0 THEN user_mark / max_mark END AS mark_share,
        coalesce(
            max(told_pass_share(attributes)) OVER (
                PARTITION BY course_id, batch_id, entity_type, entity_id
            ),
            $pass_share::DOUBLE,
            0.5
        ) AS pass_share
    FROM progress_on($snapshot_date, $courses, $entity_types, $learner_ids, $people_with, NULL)
)
SELECT
    p.course_id, p.batch_id, c.course_name,
    p.learner_id, l.learner_name, l.email, p.department, p.manager, p.location,
    p.entity_type, p.entity_id, p.entity_name, p.is_mandatory, p.status,
    p.attempts, p.maximum_attempts_allowed, p.mark_share, p.pass_share
FROM told AS p
LEFT JOIN course_names($snapshot_date) AS c
    ON c.course_id = p.course_id AND c.batch_id IS NOT DISTINCT FROM p.batch_id
LEFT JOIN learner_names($snapshot_date) AS l ON l.learner_id = p.learner_id
WHERE p.attempts >= p.maximum_attempts_allowed
    AND (NOT p.is_completed OR coalesce(p.mark_share < p.pass_share, false))
ORDER BY p.course_id, p.batch_id, p.learner_id, p.entity_type, p.entity_id;

-- By $group_by: how many learners are at their end in how many tests, counted for each learner, mandatory ones among
-- them.
SELECT
    group_of($group_by, course_id, batch_id, entity_type, said) AS group_name,
    count(DISTINCT learner_id) AS learners,
    count(*) AS tests,
    count(*) FILTER (is_mandatory) AS mandatory,
    avg(mark_share) AS mean_mark_share
FROM answer
GROUP BY ALL
ORDER BY group_name;
