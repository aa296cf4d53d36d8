-- Which mandatory items are overdue?
--
-- Takes: $snapshot_date, $courses, $entity_types, $learner_ids, $departments, $managers, $locations
-- $days: at least so many days overdue; default: 1
--
-- Needs a file of deadlines; without one nothing is overdue. An item is overdue from the day after its due date on.
SELECT *
FROM open_mandatory_on($snapshot_date, $courses, $entity_types, $learner_ids, $departments, $managers, $locations)
WHERE days_overdue >= coalesce($days::INTEGER, 1)
ORDER BY days_overdue DESC, course_id, batch_id, learner_id, entity_type, entity_id;
