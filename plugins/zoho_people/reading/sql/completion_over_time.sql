-- How does completion develop, day by day?
--
-- Takes: $snapshot_date, $courses, $entity_types, $learner_ids, $departments, $managers, $locations
-- $since: the first day; default: the oldest there is. $snapshot_date is the last one.
-- $group_by: a row per day and course, entity_type, department, manager or location; default: a row per day
SELECT
    snapshot_date,
    group_of($group_by, course_id, batch_id, entity_type, department, manager, location) AS group_name,
    count(DISTINCT learner_id) AS learners,
    sum(entities)::BIGINT AS entities,
    sum(completed)::BIGINT AS completed,
    share_of(sum(completed), sum(entities)) AS share
FROM daily_between($since::DATE, $snapshot_date, $courses, $entity_types, $learner_ids, $departments, $managers, $locations)
GROUP BY ALL
ORDER BY snapshot_date, group_name;
