-- At which hour of the day is there how much atrial fibrillation?
-- One row an hour of the day, from the recordings whose start is known: the mean burden of the
-- hours that begin in it, each weighed by its length. An hour in which nobody can tell is left out.
WITH told AS (
    SELECT
        hour(r.start + to_hours(h.hour)) AS hour_of_day,
        least(3600, r.duration_s - 3600 * h.hour) AS seconds,
        h.af_percent
    FROM hours AS h
    JOIN recordings AS r USING (id)
    WHERE r.start IS NOT NULL AND h.af_percent IS NOT NULL
)
SELECT
    hour_of_day,
    round(sum(seconds * af_percent) / sum(seconds), 2) AS af_percent,
    round(sum(seconds) / 3600, 1) AS hours_told,
    count(*) FILTER (WHERE af_percent > 0) AS hours_with_af
FROM told
GROUP BY hour_of_day
ORDER BY hour_of_day
