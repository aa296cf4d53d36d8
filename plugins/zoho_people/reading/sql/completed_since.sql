-- What was completed since last week?
--
-- Takes: $snapshot_date, $courses, $entity_types, $learner_ids, $people_with
-- $compared_with: the earlier snapshot; default: that of a week before or the last one before it,
--   or else the oldest
-- $group_by: a row per course, entity_type or column of the people file, due_date or due_month instead; default: a row per item
--
-- Completed is what is completed on $snapshot_date, and was not on $compared_with, or was not there yet. When, between the
-- two, nobody knows. Empty where there is no earlier snapshot.
SELECT
    $compared_with::DATE AS compared_with, p.snapshot_date, p.course_id, p.batch_id, c.course_name,
    p.learner_id, l.learner_name, l.email, p.department, p.manager, p.location,
    p.entity_type, p.entity_id, p.entity_name, p.is_mandatory,
    b.status AS status_before, p.status, p.user_mark, p.max_mark
FROM progress_on($snapshot_date, $courses, $entity_types, $learner_ids, $people_with, NULL) AS p
LEFT JOIN progress_of_day($compared_with::DATE) AS b
    ON b.course_id = p.course_id AND b.batch_id IS NOT DISTINCT FROM p.batch_id
    AND b.learner_id = p.learner_id AND b.entity_type = p.entity_type AND b.entity_id = p.entity_id
LEFT JOIN course_names($snapshot_date) AS c
    ON c.course_id = p.course_id AND c.batch_id IS NOT DISTINCT FROM p.batch_id
LEFT JOIN learner_names($snapshot_date) AS l ON l.learner_id = p.learner_id
WHERE $compared_with::DATE IS NOT NULL AND p.is_completed AND NOT coalesce(b.is_completed, false)
ORDER BY p.course_id, p.batch_id, p.learner_id, p.entity_type, p.entity_id;

-- By $group_by: how many learners have completed how many items, and their mean mark as a share of the full one.
SELECT
    any_value(compared_with) AS compared_with,
    group_of($group_by, course_id, batch_id, entity_type, said) AS group_name,
    count(DISTINCT learner_id) AS learners,
    count(*) AS items,
    count(*) FILTER (is_mandatory) AS mandatory,
    avg(user_mark / max_mark) FILTER (max_mark > 0) AS mean_mark_share
FROM answer
GROUP BY ALL
ORDER BY group_name;
