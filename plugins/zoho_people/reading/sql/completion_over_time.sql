-- How does completion develop, day by day?
--
-- Takes: $snapshot_date, $courses, $entity_types, $learner_ids, $people_with
-- $since: the first day; default: the oldest there is. $snapshot_date is the last one.
-- $group_by: a row per day and course, entity_type or column of the people file, due_date or due_month; default: a row per day
-- $partial_days: those of which there is a snapshot of a part of the courses; filled in, by the number of files
--
-- is_partial marks these days, see `latest`: their rows are not all that there was, and no step back.
SELECT
    snapshot_date,
    group_name,
    count(DISTINCT learner_id) AS learners,
    sum(entities)::BIGINT AS entities,
    sum(completed)::BIGINT AS completed,
    share_of(sum(completed), sum(entities)) AS share,
    coalesce(list_contains($partial_days::DATE[], snapshot_date), false) AS is_partial
FROM daily_between($since::DATE, $snapshot_date, $courses, $entity_types, $learner_ids, $people_with, $group_by)
GROUP BY ALL
ORDER BY snapshot_date, group_name;
