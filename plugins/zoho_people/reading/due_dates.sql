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
