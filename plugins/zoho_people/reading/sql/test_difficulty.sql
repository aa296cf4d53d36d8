-- How hard is each test: mean mark, spread, and the share of learners who pass?
--
-- Takes: $snapshot_date, $courses, $entity_types, $learner_ids, $people_with
-- $pass_share: the share of the full mark that passes; default: 0.5. Zoho's progress does not tell it; where a record
--   has passPercentage (in attributes), that counts for the test.
-- $group_by: a row per test and column of the people file, due_date or due_month; default: a row per test
--
-- Everything with marks, assignments included. mean_share and spread (standard deviation) are shares of the full
-- mark; learners counts who has a mark, learners_without_mark who has none (yet).
WITH marked AS (
    SELECT
        *,
        CASE WHEN max_mark > 0 THEN user_mark / max_mark END AS mark_share,
        coalesce(
            max(told_pass_share(attributes)) OVER (
                PARTITION BY course_id, batch_id, entity_type, entity_id
            ),
            $pass_share::DOUBLE,
            0.5
        ) AS pass_share
    FROM progress_on($snapshot_date, $courses, $entity_types, $learner_ids, $people_with, $group_by)
)
SELECT
    m.course_id, m.batch_id, any_value(c.course_name) AS course_name,
    m.entity_type, m.entity_id, max(m.entity_name) AS entity_name, m.group_name,
    count(m.mark_share) AS learners,
    count(*) - count(m.mark_share) AS learners_without_mark,
    avg(m.mark_share) AS mean_share,
    stddev_samp(m.mark_share) AS spread,
    any_value(m.pass_share) AS pass_share,
    avg((m.mark_share >= m.pass_share)::INTEGER) AS share_passed
FROM marked AS m
LEFT JOIN course_names($snapshot_date) AS c
    ON c.course_id = m.course_id AND c.batch_id IS NOT DISTINCT FROM m.batch_id
GROUP BY m.course_id, m.batch_id, m.entity_type, m.entity_id, m.group_name
HAVING count(m.mark_share) > 0
ORDER BY mean_share, m.course_id, m.batch_id, m.entity_id, m.group_name;
