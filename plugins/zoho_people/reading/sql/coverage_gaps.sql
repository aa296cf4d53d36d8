-- Of whom does nobody know the state today?
--
-- Takes: $snapshot_date, $courses, $entity_types, $learner_ids, $people_with
-- $group_by: a row per course, entity_type or column of the people file, due_date or due_month instead; default: a row per unit
--
-- Each unit (course, batch, learner, entity type) without an answer of today or one that is carried forward: never
-- asked, or asked in vain (why); not who has left the course. rows are those of an earlier answer that stand in, as of known_at; where there are none,
-- nothing is known at all.
SELECT
    $snapshot_date::DATE AS snapshot_date,
    u.course_id, u.batch_id, c.course_name,
    u.learner_id, l.learner_name, l.email, u.department, u.manager, u.location,
    u.entity_type, u.why, u.error,
    coalesce(d.entities, 0) AS rows, d.fetched_at AS known_at,
    $snapshot_date::DATE - d.fetched_at::DATE AS days_old
FROM units_on($snapshot_date, $courses, $entity_types, $learner_ids, $people_with, NULL) AS u
LEFT JOIN daily AS d
    ON d.snapshot_date = $snapshot_date::DATE
    AND d.course_id = u.course_id AND d.batch_id IS NOT DISTINCT FROM u.batch_id
    AND d.learner_id = u.learner_id AND d.entity_type = u.entity_type
LEFT JOIN course_names($snapshot_date) AS c
    ON c.course_id = u.course_id AND c.batch_id IS NOT DISTINCT FROM u.batch_id
LEFT JOIN learner_names($snapshot_date) AS l ON l.learner_id = u.learner_id
WHERE NOT u.is_known AND u.why <> 'left'
ORDER BY u.course_id, u.batch_id, u.learner_id, u.entity_type;

-- By $group_by: of how many learners how many units are not known; of how many of them earlier rows stand in.
SELECT
    group_of($group_by, course_id, batch_id, entity_type, said) AS group_name,
    count(DISTINCT learner_id) AS learners,
    count(*) AS units,
    count(*) FILTER (why = 'never asked') AS never_asked,
    count(*) FILTER (rows > 0) AS units_of_before,
    max(days_old) AS most_days_old
FROM answer
GROUP BY ALL
ORDER BY group_name;
