-- What data frames and questions share, beside the datasets: choices and names.

-- Whether a value is among those that are chosen; without a list all are.
CREATE MACRO is_chosen(chosen, value) AS chosen IS NULL OR list_contains(chosen, value);

-- Whether a course or batch is chosen: a list names courses with all their batches (`1`) and single batches (`1/5`).
CREATE MACRO is_chosen_course(chosen, of_course, of_batch) AS
    chosen IS NULL OR list_contains(chosen, of_course)
    OR coalesce(list_contains(chosen, of_course || '/' || of_batch), false);

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
