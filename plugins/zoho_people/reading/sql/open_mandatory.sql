-- Which mandatory items has each learner still to do?
--
-- Takes: $snapshot_date, $courses, $entity_types, $learner_ids, $departments, $managers, $locations
--
-- due_date is null where no file of deadlines says anything; days_overdue is 0 on the due date and before it.
SELECT *
FROM open_mandatory_on($snapshot_date, $courses, $entity_types, $learner_ids, $departments, $managers, $locations)
ORDER BY course_id, batch_id, learner_id, entity_type, entity_id;
