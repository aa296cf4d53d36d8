-- How far is each course and batch on a day?
--
-- Takes: $snapshot_date, $courses, $entity_types, $learner_ids, $people_with
-- $group_by: a row per course and entity_type or column of the people file, due_date or due_month; default: a row per course
--
-- learners_done counts who has completed all entities that the row is about.
WITH of_learner AS (
    SELECT
        course_id, batch_id, learner_id,
        group_name,
        sum(entities) AS entities, sum(completed) AS completed,
        sum(mandatory) AS mandatory, sum(mandatory_completed) AS mandatory_completed
    FROM daily_between($snapshot_date::DATE, $snapshot_date, $courses, $entity_types, $learner_ids, $people_with, $group_by)
    GROUP BY ALL
)
SELECT
    o.course_id, o.batch_id, c.course_name, o.group_name,
    count(*) AS learners,
    count(*) FILTER (o.completed = o.entities) AS learners_done,
    sum(o.entities)::BIGINT AS entities,
    sum(o.completed)::BIGINT AS completed,
    share_of(sum(o.completed), sum(o.entities)) AS share,
    sum(o.mandatory)::BIGINT AS mandatory,
    sum(o.mandatory_completed)::BIGINT AS mandatory_completed
FROM of_learner AS o
LEFT JOIN course_names($snapshot_date) AS c
    ON c.course_id = o.course_id AND c.batch_id IS NOT DISTINCT FROM o.batch_id
GROUP BY ALL
ORDER BY o.course_id, o.batch_id, o.group_name;
