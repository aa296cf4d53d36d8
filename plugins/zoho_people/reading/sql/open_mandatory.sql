-- Which mandatory items has each learner still to do?
--
-- Takes: $snapshot_date, $courses, $entity_types, $learner_ids, $departments, $managers, $locations
--
-- due_date and days_overdue are null where no file of deadlines says anything; on the due date, and before it,
-- days_overdue is 0. is_due_exact is false where due_days count from the oldest snapshot that is kept: the item may be due
-- earlier, and be more days overdue.
SELECT *
FROM open_mandatory_on($snapshot_date, $courses, $entity_types, $learner_ids, $departments, $managers, $locations)
ORDER BY course_id, batch_id, learner_id, entity_type, entity_id;
