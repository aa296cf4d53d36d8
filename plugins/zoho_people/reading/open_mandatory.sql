-- The mandatory entities that are not completed, with names and due dates.
CREATE MACRO open_mandatory_on(day, courses, entity_types, learner_ids, people_with) AS TABLE
    SELECT
        p.snapshot_date, p.course_id, p.batch_id, c.course_name,
        p.learner_id, l.learner_name, l.email, p.department, p.manager, p.location,
        p.entity_type, p.entity_id, p.entity_name, p.status, p.user_mark, p.max_mark,
        due.due_date,
        CASE WHEN due.due_date IS NOT NULL THEN greatest(day - due.due_date, 0) END AS days_overdue,
        due.is_due_exact,
        p.fetched_at
    FROM progress_on(day, courses, entity_types, learner_ids, people_with, NULL) AS p
    LEFT JOIN course_names(day) AS c
        ON c.course_id = p.course_id AND c.batch_id IS NOT DISTINCT FROM p.batch_id
    LEFT JOIN learner_names(day) AS l ON l.learner_id = p.learner_id
    LEFT JOIN due_dates(day, day) AS due
        ON due.course_id = p.course_id AND due.batch_id IS NOT DISTINCT FROM p.batch_id
        AND due.learner_id = p.learner_id
    WHERE p.is_mandatory AND NOT p.is_completed;
