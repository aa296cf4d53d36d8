-- Which mandatory items has each learner still to do?
--
-- Takes: $snapshot_date, $courses, $entity_types, $learner_ids, $people_with
-- $group_by: a row per course, entity_type or column of the people file, due_date or due_month instead; default: a row per item
--
-- due_date and days_overdue are null where no file of deadlines says anything; on the due date, and before it,
-- days_overdue is 0. is_due_exact is false where due_days count from the oldest snapshot that is kept: the item may be due
-- earlier, and be more days overdue.
SELECT *
FROM open_mandatory_on($snapshot_date, $courses, $entity_types, $learner_ids, $people_with)
ORDER BY course_id, batch_id, learner_id, entity_type, entity_id;

-- By $group_by: how many learners have how many items to do, and how many of these are overdue, by how many days.
SELECT
    group_of($group_by, course_id, batch_id, entity_type, said) AS group_name,
    count(DISTINCT learner_id) AS learners,
    count(*) AS items,
    count(DISTINCT learner_id) FILTER (days_overdue > 0) AS learners_overdue,
    count(*) FILTER (days_overdue > 0) AS items_overdue,
    avg(days_overdue) FILTER (days_overdue > 0) AS mean_days_overdue,
    max(days_overdue) FILTER (days_overdue > 0) AS most_days_overdue
FROM answer
GROUP BY ALL
ORDER BY group_name;
