-- Of how many units is the state known, by what came of each, and how old is that?
--
-- Takes: $snapshot_date, $courses, $entity_types, $learner_ids, $people_with, $group_by
SELECT
    group_name, why, is_known, count(*) AS units,
    min(fetched_at) AS oldest_fetched_at, max(fetched_at) AS newest_fetched_at
FROM units_on($snapshot_date::DATE, $courses, $entity_types, $learner_ids, $people_with, $group_by)
GROUP BY group_name, why, is_known
ORDER BY units DESC, why
