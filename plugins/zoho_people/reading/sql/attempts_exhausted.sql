-- Who has used up all attempts of a test without passing it?
--
-- Takes: $snapshot_date, $courses, $entity_types, $learner_ids, $departments, $managers, $locations
-- $pass_share: the share of the full mark that passes; default: 0.5, as in test_difficulty
--
-- Not passing is not completed, or a mark below that share. How many attempts were made is told by no column: it is
-- read from attributes (attempts as a number or a list, attemptCount, noOfAttempts, attemptsTaken). A record without
-- any of them is in no row here: of it nobody knows.
SELECT
    p.course_id, p.batch_id, c.course_name,
    p.learner_id, l.learner_name, l.email, p.department, p.manager, p.location,
    p.entity_type, p.entity_id, p.entity_name, p.is_mandatory, p.status,
    attempts_of(p.attributes) AS attempts, p.maximum_attempts_allowed,
    CASE WHEN p.max_mark > 0 THEN p.user_mark / p.max_mark END AS mark_share,
    pass_share_of(p.attributes, $pass_share::DOUBLE) AS pass_share
FROM progress_on($snapshot_date, $courses, $entity_types, $learner_ids, $departments, $managers, $locations) AS p
LEFT JOIN course_names($snapshot_date) AS c
    ON c.course_id = p.course_id AND c.batch_id IS NOT DISTINCT FROM p.batch_id
LEFT JOIN learner_names($snapshot_date) AS l ON l.learner_id = p.learner_id
WHERE attempts_of(p.attributes) >= p.maximum_attempts_allowed
    AND (NOT p.is_completed OR coalesce(p.user_mark / nullif(p.max_mark, 0) < pass_share_of(p.attributes, $pass_share::DOUBLE), false))
ORDER BY p.course_id, p.batch_id, p.learner_id, p.entity_type, p.entity_id;
