-- What the questions share, beside the datasets themselves and the people: choices, names, units and due dates.

-- Whether a course or batch is chosen: a list names courses with all their batches (`1`) and single batches (`1/5`).
CREATE MACRO is_chosen_course(chosen, of_course, of_batch) AS
    chosen IS NULL OR list_contains(chosen, of_course)
    OR coalesce(list_contains(chosen, of_course || '/' || of_batch), false);

-- The share that completed entities are of all, null where there are none.
CREATE MACRO share_of(part, whole) AS part::DOUBLE / nullif(whole, 0);

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

-- When each learner of the snapshots from one day to another has to have completed a course. What is set for a batch
-- wins over what is set for its course. `due_days` count from the first snapshot that has the learner in the course, in
-- whichever dataset. Where that is the oldest one that is kept, the learner may have come before: the date is the
-- latest possible, and is_due_exact false. Who has left is told of by what changed, without a day to count from.
CREATE MACRO due_dates(first_day, day) AS TABLE
    WITH courses_with_days AS (
        SELECT course_id FROM deadlines WHERE due_days IS NOT NULL
    ), told AS (
        SELECT course_id, batch_id, learner_id, snapshot_date, snapshot_date AS seen_on FROM daily_totals
        UNION ALL
        SELECT course_id, batch_id, learner_id, snapshot_date, snapshot_date FROM coverage
        UNION ALL
        SELECT course_id, batch_id, learner_id, snapshot_date, snapshot_date FROM learners
        UNION ALL
        SELECT course_id, batch_id, learner_id, snapshot_date, NULL FROM changes
    ), members AS (
        SELECT course_id, batch_id, learner_id, min(seen_on) AS first_seen
        FROM told
        WHERE snapshot_date <= day AND course_id IN (SELECT course_id FROM deadlines)
            AND (
                first_day IS NULL OR snapshot_date >= first_day
                OR (counts_days() AND course_id IN (FROM courses_with_days))
            )
        GROUP BY course_id, batch_id, learner_id
    ), due AS (
        SELECT
            m.course_id, m.batch_id, m.learner_id, m.first_seen,
            coalesce(b.due_date, c.due_date) AS set_date,
            m.first_seen + coalesce(b.due_days, c.due_days) AS counted_date
        FROM members AS m
        LEFT JOIN deadlines AS b ON b.course_id = m.course_id AND b.batch_id = m.batch_id
        LEFT JOIN deadlines AS c
            ON c.course_id = m.course_id AND c.batch_id IS NULL AND b.course_id IS NULL
    ), oldest AS (
        SELECT min(first_seen) AS first_seen FROM members WHERE course_id IN (FROM courses_with_days)
    )
    SELECT
        course_id, batch_id, learner_id,
        coalesce(set_date, counted_date) AS due_date,
        set_date IS NOT NULL OR first_seen > (SELECT first_seen FROM oldest) AS is_due_exact
    FROM due
    WHERE coalesce(set_date, counted_date) IS NOT NULL;

-- What is said of these in the column to group by, and whether they are chosen; without rows where nobody asks.
CREATE MACRO due_asked(first_day, day, people_with, group_by) AS TABLE
    SELECT
        course_id, batch_id, learner_id,
        said_of_due(group_by, due_date) AS said, is_due_chosen(people_with, due_date) AS is_chosen
    FROM due_dates(first_day, day)
    WHERE asks_due(people_with, group_by);

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
