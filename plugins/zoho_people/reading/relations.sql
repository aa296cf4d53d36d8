-- What the questions share, beside the datasets themselves and the people: choices, names, units and due dates.

-- Whether a course or batch is chosen: a list names courses with all their batches (`1`) and single batches (`1/5`).
CREATE MACRO is_chosen_course(chosen, of_course, of_batch) AS
    chosen IS NULL OR list_contains(chosen, of_course)
    OR coalesce(list_contains(chosen, of_course || '/' || of_batch), false);

-- The share that completed entities are of all, null where there are none.
CREATE MACRO share_of(part, whole) AS part::DOUBLE / nullif(whole, 0);

-- The first snapshot up to a day that has each learner in the course, in whichever dataset; of courses with `due_days`.
CREATE MACRO first_days(day) AS TABLE
    WITH seen AS (
        SELECT course_id, batch_id, learner_id, snapshot_date FROM daily
        UNION ALL
        SELECT course_id, batch_id, learner_id, snapshot_date FROM coverage
        UNION ALL
        SELECT course_id, batch_id, learner_id, snapshot_date FROM learners
    )
    SELECT course_id, batch_id, learner_id, min(snapshot_date) AS first_seen
    FROM seen
    WHERE snapshot_date <= day
        AND course_id IN (SELECT course_id FROM deadlines WHERE due_days IS NOT NULL)
    GROUP BY course_id, batch_id, learner_id;

-- What is said of the due date of each course or batch in the column to group by, and whether it is chosen; and the
-- same of those that count from a learner's first day. Without rows where nobody asks for due dates.
CREATE MACRO due_in_courses(people_with, group_by) AS TABLE
    SELECT
        course_id, batch_id,
        said_of_due(group_by, due_date) AS said, is_due_chosen(people_with, due_date) AS is_chosen
    FROM deadlines
    WHERE asks_due(people_with, group_by);

CREATE MACRO due_of_learners(day, people_with, group_by) AS TABLE
    SELECT
        course_id, batch_id, learner_id,
        said_of_due(group_by, due_date) AS said, is_due_chosen(people_with, due_date) AS is_chosen
    FROM (
        SELECT f.*, f.first_seen + coalesce(b.due_days, c.due_days) AS due_date
        FROM first_days(day) AS f
        LEFT JOIN deadlines AS b ON b.course_id = f.course_id AND b.batch_id = f.batch_id
        LEFT JOIN deadlines AS c
            ON c.course_id = f.course_id AND c.batch_id IS NULL AND b.course_id IS NULL
    )
    WHERE asks_due(people_with, group_by) AND due_date IS NOT NULL;

-- The rows of progress of one day.
CREATE MACRO progress_on(day, courses, entity_types, learner_ids, people_with, group_by) AS TABLE
    SELECT
        p.*, w.department, w.manager, w.location,
        group_of(
            group_by, p.course_id, p.batch_id, p.entity_type, coalesce(f.said, b.said, c.said, w.said)
        ) AS group_name
    FROM progress_of_day(day) AS p
    LEFT JOIN people_of(people_with, group_by) AS w ON w.learner_id = p.learner_id
    LEFT JOIN due_in_courses(people_with, group_by) AS b ON b.course_id = p.course_id AND b.batch_id = p.batch_id
    LEFT JOIN due_in_courses(people_with, group_by) AS c
        ON c.course_id = p.course_id AND c.batch_id IS NULL AND b.course_id IS NULL
    LEFT JOIN due_of_learners(day, people_with, group_by) AS f
        ON f.course_id = p.course_id AND f.batch_id IS NOT DISTINCT FROM p.batch_id
        AND f.learner_id = p.learner_id
    WHERE is_chosen_course(courses, p.course_id, p.batch_id)
        AND is_chosen(entity_types, p.entity_type)
        AND is_chosen(learner_ids, p.learner_id)
        AND coalesce(w.is_chosen, takes_unknown(people_with))
        AND coalesce(f.is_chosen, b.is_chosen, c.is_chosen, takes_undated(people_with));

-- The counts per learner, course and entity type from one day to another.
CREATE MACRO daily_between(first_day, last_day, courses, entity_types, learner_ids, people_with, group_by) AS TABLE
    SELECT
        d.*,
        group_of(
            group_by, d.course_id, d.batch_id, d.entity_type, coalesce(f.said, b.said, c.said, w.said)
        ) AS group_name
    FROM daily AS d
    LEFT JOIN people_asked(people_with, group_by) AS w ON w.learner_id = d.learner_id
    LEFT JOIN due_in_courses(people_with, group_by) AS b ON b.course_id = d.course_id AND b.batch_id = d.batch_id
    LEFT JOIN due_in_courses(people_with, group_by) AS c
        ON c.course_id = d.course_id AND c.batch_id IS NULL AND b.course_id IS NULL
    LEFT JOIN due_of_learners(last_day, people_with, group_by) AS f
        ON f.course_id = d.course_id AND f.batch_id IS NOT DISTINCT FROM d.batch_id
        AND f.learner_id = d.learner_id
    WHERE d.snapshot_date <= last_day
        AND (first_day IS NULL OR d.snapshot_date >= first_day)
        AND is_chosen_course(courses, d.course_id, d.batch_id)
        AND is_chosen(entity_types, d.entity_type)
        AND is_chosen(learner_ids, d.learner_id)
        AND coalesce(w.is_chosen, takes_unknown(people_with))
        AND coalesce(f.is_chosen, b.is_chosen, c.is_chosen, takes_undated(people_with));

-- The name of each course and batch on a day. Who was not listed on that day has the name of the week before.
CREATE MACRO course_names(day) AS TABLE
    WITH named AS (
        SELECT course_id, batch_id, arg_max(name, snapshot_date) AS name
        FROM courses
        WHERE snapshot_date BETWEEN day - 7 AND day
        GROUP BY course_id, batch_id
    )
    SELECT whole.course_id, whole.batch_id, whole.name AS course_name
    FROM named AS whole
    WHERE whole.batch_id IS NULL
    UNION ALL
    SELECT batch.course_id, batch.batch_id, concat_ws(' / ', whole.name, batch.name)
    FROM named AS batch
    LEFT JOIN named AS whole ON whole.course_id = batch.course_id AND whole.batch_id IS NULL
    WHERE batch.batch_id IS NOT NULL;

-- The name and the e-mail address of each learner on a day, or of the week before.
CREATE MACRO learner_names(day) AS TABLE
    SELECT
        learner_id,
        arg_max(learner_name, snapshot_date) AS learner_name,
        arg_max(email, snapshot_date) AS email
    FROM learners
    WHERE snapshot_date BETWEEN day - 7 AND day
    GROUP BY learner_id;

-- Each unit (course, batch, learner, entity type) of a day, and what is known of it. `why` is the outcome in the
-- coverage, or 'never asked' for who is in a course and was not asked for. Where several runs of a day tell of a
-- unit, one that had an answer counts, and among those the last.
CREATE MACRO units_of_day(day) AS TABLE
    WITH members AS (
        SELECT course_id, batch_id, learner_id FROM learners WHERE snapshot_date = day
        UNION
        SELECT course_id, batch_id, learner_id FROM coverage WHERE snapshot_date = day
        UNION
        SELECT course_id, batch_id, learner_id FROM daily WHERE snapshot_date = day
    ), told AS (
        SELECT
            course_id, batch_id, learner_id, entity_type,
            arg_max(
                {'outcome': outcome, 'rows': rows, 'error': error, 'fetched_at': fetched_at},
                {'has_answer': has_answer(outcome), 'at': coalesce(fetched_at, '-infinity')}
            ) AS unit
        FROM coverage
        WHERE snapshot_date = day
        GROUP BY course_id, batch_id, learner_id, entity_type
    )
    SELECT
        m.course_id, m.batch_id, m.learner_id, k.entity_type,
        coalesce(t.unit.outcome, 'never asked') AS why,
        has_answer(t.unit.outcome) AS is_known,
        coalesce(t.unit.rows, 0) AS rows,
        t.unit.error AS error,
        t.unit.fetched_at AS fetched_at
    FROM members AS m
    CROSS JOIN entity_type_names AS k
    LEFT JOIN told AS t
        ON t.course_id = m.course_id AND t.batch_id IS NOT DISTINCT FROM m.batch_id
        AND t.learner_id = m.learner_id AND t.entity_type = k.entity_type
    WHERE t.unit IS NOT NULL OR k.entity_type <> 'sessions' OR m.batch_id IS NOT NULL;

-- Those that are chosen.
CREATE MACRO units_on(day, courses, entity_types, learner_ids, people_with, group_by) AS TABLE
    SELECT
        u.*, w.department, w.manager, w.location,
        group_of(
            group_by, u.course_id, u.batch_id, u.entity_type, coalesce(f.said, b.said, c.said, w.said)
        ) AS group_name
    FROM units_of_day(day) AS u
    LEFT JOIN people_of(people_with, group_by) AS w ON w.learner_id = u.learner_id
    LEFT JOIN due_in_courses(people_with, group_by) AS b ON b.course_id = u.course_id AND b.batch_id = u.batch_id
    LEFT JOIN due_in_courses(people_with, group_by) AS c
        ON c.course_id = u.course_id AND c.batch_id IS NULL AND b.course_id IS NULL
    LEFT JOIN due_of_learners(day, people_with, group_by) AS f
        ON f.course_id = u.course_id AND f.batch_id IS NOT DISTINCT FROM u.batch_id
        AND f.learner_id = u.learner_id
    WHERE is_chosen_course(courses, u.course_id, u.batch_id)
        AND is_chosen(entity_types, u.entity_type)
        AND is_chosen(learner_ids, u.learner_id)
        AND coalesce(w.is_chosen, takes_unknown(people_with))
        AND coalesce(f.is_chosen, b.is_chosen, c.is_chosen, takes_undated(people_with));

-- When each learner has to have completed a course. What is set for a batch wins over what is set for its course.
-- `due_days` count from the first snapshot that has the learner in the course. Where that is the oldest one that is
-- kept, the learner may have come before: the date is the latest possible, and is_due_exact false.
CREATE MACRO due_dates(day) AS TABLE
    WITH members AS (
        SELECT DISTINCT course_id, batch_id, learner_id FROM daily WHERE snapshot_date = day
    ), set_for AS (
        SELECT m.*, coalesce(b.due_date, c.due_date) AS due_date, coalesce(b.due_days, c.due_days) AS due_days
        FROM members AS m
        LEFT JOIN deadlines AS b ON b.course_id = m.course_id AND b.batch_id = m.batch_id
        LEFT JOIN deadlines AS c
            ON c.course_id = m.course_id AND c.batch_id IS NULL AND b.course_id IS NULL
    ), first_seen AS (
        FROM first_days(day)
    )
    SELECT
        s.course_id, s.batch_id, s.learner_id,
        coalesce(s.due_date, f.first_seen + s.due_days) AS due_date,
        s.due_date IS NOT NULL OR f.first_seen > (SELECT min(first_seen) FROM first_seen) AS is_due_exact
    FROM set_for AS s
    LEFT JOIN first_seen AS f
        ON f.course_id = s.course_id AND f.batch_id IS NOT DISTINCT FROM s.batch_id
        AND f.learner_id = s.learner_id
    WHERE s.due_date IS NOT NULL OR s.due_days IS NOT NULL;

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
    LEFT JOIN due_dates(day) AS due
        ON due.course_id = p.course_id AND due.batch_id IS NOT DISTINCT FROM p.batch_id
        AND due.learner_id = p.learner_id
    WHERE p.is_mandatory AND NOT p.is_completed;

-- The share of the marks that passes a test, as far as a record tells it.
CREATE MACRO told_pass_share(attributes) AS
    try_cast(json_extract_string(attributes, '$.passPercentage') AS DOUBLE) / 100;

-- How many attempts a learner has made, as far as a field of Zoho's tells: a number, or a list of them.
CREATE MACRO attempts_of(attributes) AS
    CASE json_type(attributes, '$.attempts')
        WHEN 'ARRAY' THEN json_array_length(attributes, '$.attempts')::INTEGER
        ELSE try_cast(coalesce(
            json_extract_string(attributes, '$.attempts'),
            json_extract_string(attributes, '$.attemptCount'),
            json_extract_string(attributes, '$.noOfAttempts'),
            json_extract_string(attributes, '$.attemptsTaken')
        ) AS INTEGER)
    END;
