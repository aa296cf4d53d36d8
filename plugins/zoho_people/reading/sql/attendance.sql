-- How many learners attended each session?
--
-- Takes: $snapshot_date, $courses, $entity_types, $learner_ids, $people_with
-- $group_by: a row per session and column of the people file, due_date or due_month; default: a row per session
--
-- Attended is what Zoho says is completed. learners counts who has the session; learners_unknown who is in the batch
-- and of whom nobody knows the sessions (never asked, or asked in vain): they may have attended. In a
-- group both count its learners alone; a session that nobody of a group has is in no row of it.
WITH unknown AS (
    SELECT u.course_id, u.batch_id, u.group_name, count(DISTINCT u.learner_id) AS learners
    FROM units_on($snapshot_date, $courses, ['sessions'], $learner_ids, $people_with, $group_by) AS u
    ANTI JOIN progress_on($snapshot_date, $courses, ['sessions'], $learner_ids, $people_with, NULL) AS p
        ON p.course_id = u.course_id AND p.batch_id IS NOT DISTINCT FROM u.batch_id
        AND p.learner_id = u.learner_id
    WHERE NOT u.is_known AND u.why <> 'left'
    GROUP BY u.course_id, u.batch_id, u.group_name
)
SELECT
    p.course_id, p.batch_id, any_value(c.course_name) AS course_name,
    p.entity_id, max(p.entity_name) AS entity_name, p.group_name,
    count(*) FILTER (p.is_completed) AS attended,
    count(*) AS learners,
    share_of(count(*) FILTER (p.is_completed), count(*)) AS share,
    coalesce(any_value(u.learners), 0) AS learners_unknown
FROM progress_on($snapshot_date, $courses, $entity_types, $learner_ids, $people_with, $group_by) AS p
LEFT JOIN unknown AS u
    ON u.course_id = p.course_id AND u.batch_id IS NOT DISTINCT FROM p.batch_id
    AND u.group_name IS NOT DISTINCT FROM p.group_name
LEFT JOIN course_names($snapshot_date) AS c
    ON c.course_id = p.course_id AND c.batch_id IS NOT DISTINCT FROM p.batch_id
WHERE p.entity_type = 'sessions'
GROUP BY p.course_id, p.batch_id, p.entity_id, p.group_name
ORDER BY p.course_id, p.batch_id, p.entity_id, p.group_name;
