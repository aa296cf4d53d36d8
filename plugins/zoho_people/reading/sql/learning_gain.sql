-- How much better are learners after a course than before it?
--
-- Takes: $snapshot_date, $courses, $entity_types, $learner_ids, $people_with
-- $group_by: a row per course and column of the people file, due_date or due_month; default: a row per course
--
-- Of learners with marks in both, the mean share of the marks in the post-learning tests against that in the
-- pre-learning tests. normalised_gain is the share of what was still to be gained (Hake): (after - before) / (1 - before),
-- of the means. learners_one_only counts who has marks in only one of the two.
WITH of_learner AS (
    SELECT
        course_id, batch_id, learner_id, group_name,
        avg(user_mark / max_mark) FILTER (entity_type = 'pre_learning_tests') AS before,
        avg(user_mark / max_mark) FILTER (entity_type = 'post_learning_tests') AS after
    FROM progress_on($snapshot_date, $courses, $entity_types, $learner_ids, $people_with, $group_by)
    WHERE entity_type IN ('pre_learning_tests', 'post_learning_tests')
        AND user_mark IS NOT NULL AND max_mark > 0
    GROUP BY ALL
)
SELECT
    o.course_id, o.batch_id, c.course_name,
    o.group_name,
    count(o.before + o.after) AS learners,
    count(*) - count(o.before + o.after) AS learners_one_only,
    avg(o.before) FILTER (o.after IS NOT NULL) AS mean_before,
    avg(o.after) FILTER (o.before IS NOT NULL) AS mean_after,
    avg(o.after - o.before) AS mean_gain,
    stddev_samp(o.after - o.before) AS spread,
    avg(o.after - o.before) / nullif(1 - avg(o.before) FILTER (o.after IS NOT NULL), 0) AS normalised_gain
FROM of_learner AS o
LEFT JOIN course_names($snapshot_date) AS c
    ON c.course_id = o.course_id AND c.batch_id IS NOT DISTINCT FROM o.batch_id
GROUP BY ALL
ORDER BY o.course_id, o.batch_id, o.group_name;
