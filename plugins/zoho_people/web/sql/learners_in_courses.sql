-- How far is each learner in each course, what is still to be done, and since when is it overdue?
--
-- Takes: $snapshot_date, $courses, $entity_types, $learner_ids, $people_with, $group_by
--
-- open_mandatory counts the mandatory items that are not completed: it is the number of rows that open_mandatory.sql
-- has of the learner in the course. days_overdue is null where nothing is open, or no due date is known.
-- is_due_exact is that of open_mandatory.sql.
WITH of_learner AS (
    SELECT
        course_id, batch_id, learner_id, group_name,
        sum(entities)::BIGINT AS entities,
        sum(completed)::BIGINT AS completed,
        (sum(mandatory) - sum(mandatory_completed))::BIGINT AS open_mandatory
    FROM daily_between($snapshot_date::DATE, $snapshot_date, $courses, $entity_types, $learner_ids, $people_with, $group_by)
    GROUP BY ALL
)
SELECT
    o.learner_id, l.learner_name AS name, l.email, w.department, w.manager, w.location, o.group_name,
    o.course_id, o.batch_id, c.course_name,
    o.open_mandatory, o.entities, o.completed, share_of(o.completed, o.entities) AS share,
    due.due_date,
    CASE WHEN o.open_mandatory > 0 AND due.due_date IS NOT NULL
        THEN greatest($snapshot_date::DATE - due.due_date, 0) END AS days_overdue,
    due.is_due_exact
FROM of_learner AS o
LEFT JOIN course_names($snapshot_date::DATE) AS c
    ON c.course_id = o.course_id AND c.batch_id IS NOT DISTINCT FROM o.batch_id
LEFT JOIN learner_names($snapshot_date::DATE) AS l ON l.learner_id = o.learner_id
LEFT JOIN people AS w ON w.learner_id = o.learner_id
LEFT JOIN due_dates($snapshot_date::DATE, $snapshot_date::DATE) AS due
    ON due.course_id = o.course_id AND due.batch_id IS NOT DISTINCT FROM o.batch_id
    AND due.learner_id = o.learner_id
