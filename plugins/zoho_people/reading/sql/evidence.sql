-- What is the state of each learner's progress on a day: done, open, nothing to do, or unknown?
--
-- Takes: $snapshot_date, $courses, $entity_types, $learner_ids, $people_with
-- $group_by: a row per course, entity_type or column of the people file, due_date or due_month instead; default: a row per entity or unit
--
-- One row per entity, and one per unit (course, batch, learner, entity type) that has no entities. state is
--   done, open   the entity is completed, or not
--   nothing      the learner was asked for, and has nothing of that entity type
--   left         the learner is in the course's list no more
--   unknown      nobody can tell: never asked, or asked in vain, and no earlier answer stands in; or the day's rows
--                are no longer kept
-- why is the outcome in the coverage, or 'never asked'; known_at is when Zoho said so. An outcome of 'failed' beside
-- done or open means: as of known_at, since today's answer is missing.
SELECT
    $snapshot_date::DATE AS snapshot_date,
    u.course_id, u.batch_id, c.course_name,
    u.learner_id, l.learner_name, l.email, u.department, u.manager, u.location,
    u.entity_type, p.entity_id, p.entity_name, p.is_mandatory,
    CASE
        WHEN p.is_completed THEN 'done'
        WHEN p.entity_id IS NOT NULL THEN 'open'
        WHEN u.is_known AND u.rows = 0 THEN 'nothing'
        WHEN u.why = 'left' THEN 'left'
        ELSE 'unknown'
    END AS state,
    u.why, p.status, p.user_mark, p.max_mark,
    coalesce(p.fetched_at, CASE WHEN u.is_known THEN u.fetched_at END) AS known_at,
    u.error
FROM units_on($snapshot_date, $courses, $entity_types, $learner_ids, $people_with, NULL) AS u
LEFT JOIN progress_on($snapshot_date, $courses, $entity_types, $learner_ids, $people_with, NULL) AS p
    ON p.course_id = u.course_id AND p.batch_id IS NOT DISTINCT FROM u.batch_id
    AND p.learner_id = u.learner_id AND p.entity_type = u.entity_type
LEFT JOIN course_names($snapshot_date) AS c
    ON c.course_id = u.course_id AND c.batch_id IS NOT DISTINCT FROM u.batch_id
LEFT JOIN learner_names($snapshot_date) AS l ON l.learner_id = u.learner_id
ORDER BY u.course_id, u.batch_id, u.learner_id, u.entity_type, p.entity_id;

-- By $group_by: done, open, nothing, left and unknown count rows; share is that of done among done and open.
SELECT
    group_of($group_by, course_id, batch_id, entity_type, said) AS group_name,
    count(DISTINCT learner_id) AS learners,
    count(*) FILTER (state = 'done') AS done,
    count(*) FILTER (state = 'open') AS open,
    count(*) FILTER (state = 'nothing') AS nothing,
    count(*) FILTER (state = 'left') AS "left",
    count(*) FILTER (state = 'unknown') AS unknown,
    share_of(count(*) FILTER (state = 'done'), count(*) FILTER (state IN ('done', 'open'))) AS share
FROM answer
GROUP BY ALL
ORDER BY group_name;
