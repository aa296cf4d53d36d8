-- Which mandatory items are overdue?
--
-- Takes: $snapshot_date, $courses, $entity_types, $learner_ids, $people_with
-- $days: at least so many days overdue; default: 1
-- $group_by: a row per course, entity_type or column of the people file, due_date or due_month instead; default: a row per item
--
-- Needs a file of deadlines; without one nothing is overdue. An item is overdue from the day after its due date on.
SELECT *
FROM open_mandatory_on($snapshot_date, $courses, $entity_types, $learner_ids, $people_with)
WHERE days_overdue >= coalesce($days::INTEGER, 1)
ORDER BY days_overdue DESC, course_id, batch_id, learner_id, entity_type, entity_id;

-- By $group_by: how many learners have how many items overdue, by how many days.
SELECT
    group_of($group_by, course_id, batch_id, entity_type, said) AS group_name,
    count(DISTINCT learner_id) AS learners,
    count(*) AS items,
    avg(days_overdue) AS mean_days_overdue,
    max(days_overdue) AS most_days_overdue
FROM answer
GROUP BY ALL
ORDER BY group_name;
