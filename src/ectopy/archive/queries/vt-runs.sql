-- Who has ventricular runs of more than five beats at 100 a minute or faster?
-- One row a recording: how many such runs, the longest and the fastest. Only certain runs count,
-- and none in a paced rhythm.
SELECT
    r.name,
    count(*) AS runs,
    max(e.beats) AS longest_beats,
    CAST(round(max(e.rate_bpm)) AS INTEGER) AS fastest_bpm,
    round(arg_max(e.start_s, e.beats), 1) AS longest_at_s,
    r.address
FROM events AS e
JOIN recordings AS r USING (id)
WHERE e.kind = 'run' AND e.of = 'VEB' AND e.certain AND e.beats > 5 AND e.rate_bpm >= 100
GROUP BY r.id, r.name, r.address
ORDER BY longest_beats DESC, fastest_bpm DESC, r.name
