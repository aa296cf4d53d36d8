-- What the questions share, beside the datasets, choices, names, the people and their due dates.

-- The share that completed entities are of all, null where there are none.
CREATE MACRO share_of(part, whole) AS part::DOUBLE / nullif(whole, 0);

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

-- What is said of due dates in the column to group by, and whether they are chosen; without rows where nobody asks.
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
