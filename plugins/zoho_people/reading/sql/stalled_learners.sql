-- Which learners have not moved in a course for days, and are not through?
--
-- Takes: $snapshot_date, $courses, $entity_types, $learner_ids, $people_with
-- $days: unchanged for at least so many days; default: 14
-- $group_by: a row per course or column of the people file, due_date or due_month instead; default: a row per learner and course
--
-- last_change is the first snapshot that is as the learner's rows are on $snapshot_date: no status and no mark has
-- changed since. Where that is the first snapshot of all, the change may be older (is_exact is false). asked_at is when
-- Zoho was last asked: where that is long ago, nobody knows what has changed since.
WITH of_day AS (
    SELECT
        snapshot_date, course_id, batch_id, learner_id,
        bit_xor(fingerprint) AS state,
        sum(entities) AS entities, sum(completed) AS completed, max(fetched_at) AS asked_at
    FROM daily_between(NULL, $snapshot_date, $courses, $entity_types, $learner_ids, $people_with, NULL)
    GROUP BY ALL
), compared AS (
    SELECT *, lag(state) OVER (
        PARTITION BY course_id, batch_id, learner_id ORDER BY snapshot_date
    ) AS state_before
    FROM of_day
), of_learner AS (
    SELECT
        course_id, batch_id, learner_id,
        max(snapshot_date) AS last_seen,
        max(snapshot_date) FILTER (state IS DISTINCT FROM state_before) AS last_change,
        max(snapshot_date) FILTER (state <> state_before) IS NOT NULL AS is_exact,
        arg_max(entities, snapshot_date)::BIGINT AS entities,
        arg_max(completed, snapshot_date)::BIGINT AS completed,
        arg_max(asked_at, snapshot_date) AS asked_at
    FROM compared
    GROUP BY ALL
)
SELECT
    o.course_id, o.batch_id, c.course_name,
    o.learner_id, l.learner_name, l.email, w.department, w.manager, w.location,
    o.entities, o.completed, share_of(o.completed, o.entities) AS share,
    o.last_change, o.is_exact, $snapshot_date::DATE - o.last_change AS days_unchanged, o.asked_at
FROM of_learner AS o
LEFT JOIN course_names($snapshot_date) AS c
    ON c.course_id = o.course_id AND c.batch_id IS NOT DISTINCT FROM o.batch_id
LEFT JOIN learner_names($snapshot_date) AS l ON l.learner_id = o.learner_id
LEFT JOIN people AS w ON w.learner_id = o.learner_id
WHERE o.last_seen = $snapshot_date::DATE
    AND o.completed < o.entities
    AND $snapshot_date::DATE - o.last_change >= coalesce($days::INTEGER, 14)
ORDER BY days_unchanged DESC, o.course_id, o.batch_id, o.learner_id;

-- By $group_by: how many learners stand still in how many courses and batches (counted for each learner), since when.
SELECT
    group_of($group_by, course_id, batch_id, NULL, said) AS group_name,
    count(DISTINCT learner_id) AS learners,
    count(*) AS courses,
    share_of(sum(completed), sum(entities)) AS share,
    avg(days_unchanged) AS mean_days_unchanged,
    max(days_unchanged) AS most_days_unchanged
FROM answer
GROUP BY ALL
ORDER BY group_name;
