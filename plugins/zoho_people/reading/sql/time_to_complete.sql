-- How many days do learners take to complete a course?
--
-- Takes: $snapshot_date, $courses, $entity_types, $learner_ids, $people_with
-- $mandatory_only: whether completing the mandatory entities is enough; default: false, all of them
-- $group_by: a row per course and entity_type or column of the people file, due_date or due_month; default: a row per course
--
-- From the first snapshot with the learner in the course to the first in which all is completed. A snapshot is a
-- day apart from the next, so each figure is right within a day, more where days are missing. Who was complete in the
-- first snapshot already counts under learners_before, and in no figure of days.
WITH of_day AS (
    SELECT
        snapshot_date, course_id, batch_id, learner_id, group_name,
        CASE WHEN coalesce($mandatory_only::BOOLEAN, false)
            THEN sum(mandatory) > 0 AND sum(mandatory) = sum(mandatory_completed)
            ELSE sum(entities) = sum(completed)
        END AS is_done
    FROM daily_between(NULL, $snapshot_date, $courses, $entity_types, $learner_ids, $people_with, $group_by)
    GROUP BY ALL
), of_learner AS (
    SELECT
        course_id, batch_id, learner_id, group_name,
        min(snapshot_date) AS first_seen,
        min(snapshot_date) FILTER (is_done) AS first_done
    FROM of_day
    GROUP BY ALL
), timed AS (
    SELECT *, nullif(first_done - first_seen, 0) AS days FROM of_learner
)
SELECT
    t.course_id, t.batch_id, c.course_name,
    t.group_name,
    count(*) AS learners,
    count(t.days) AS learners_timed,
    count(*) FILTER (t.first_done = t.first_seen) AS learners_before,
    count(*) FILTER (t.first_done IS NULL) AS learners_not_done,
    min(t.days) AS shortest_days,
    median(t.days) AS median_days,
    avg(t.days) AS mean_days,
    quantile_cont(t.days, 0.9) AS days_of_nine_in_ten,
    max(t.days) AS longest_days
FROM timed AS t
LEFT JOIN course_names($snapshot_date) AS c
    ON c.course_id = t.course_id AND c.batch_id IS NOT DISTINCT FROM t.batch_id
GROUP BY ALL
ORDER BY t.course_id, t.batch_id, t.group_name;
