-- How well does each test tell strong learners from weak ones?
--
-- Takes: $snapshot_date, $courses, $entity_types, $learner_ids, $people_with
-- $least_learners: tests with fewer marks are left out, and groups with fewer in a test; default: 10
-- $group_by: a row per test and column of the people file, due_date or due_month; default: a row per test
--
-- discrimination is the correlation between the share of the marks in the test and the mean share in all other tests
-- of the course (item-rest correlation), from -1 to 1. Below 0.2 a test tells little; below 0 the weak do better in it.
-- Null where all have the same marks.
WITH marked AS (
    SELECT course_id, batch_id, learner_id, entity_type, entity_id, entity_name, group_name,
        user_mark / max_mark AS mark_share
    FROM progress_on($snapshot_date, $courses, $entity_types, $learner_ids, $people_with, $group_by)
    WHERE user_mark IS NOT NULL AND max_mark > 0
), beside AS (
    SELECT
        *,
        (sum(mark_share) OVER of_learner - mark_share)
            / nullif(count(*) OVER of_learner - 1, 0) AS rest_share
    FROM marked
    WINDOW of_learner AS (PARTITION BY course_id, batch_id, learner_id)
)
SELECT
    b.course_id, b.batch_id, any_value(c.course_name) AS course_name,
    b.entity_type, b.entity_id, max(b.entity_name) AS entity_name, b.group_name,
    count(b.rest_share) AS learners,
    CASE WHEN min(b.mark_share) < max(b.mark_share) AND min(b.rest_share) < max(b.rest_share)
        THEN corr(b.mark_share, b.rest_share) END AS discrimination
FROM beside AS b
LEFT JOIN course_names($snapshot_date) AS c
    ON c.course_id = b.course_id AND c.batch_id IS NOT DISTINCT FROM b.batch_id
WHERE b.rest_share IS NOT NULL
GROUP BY b.course_id, b.batch_id, b.entity_type, b.entity_id, b.group_name
HAVING count(*) >= coalesce($least_learners::INTEGER, 10)
ORDER BY discrimination, b.course_id, b.batch_id, b.entity_id, b.group_name;
