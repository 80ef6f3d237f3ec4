-- Which recordings are to be reviewed first, and why?
-- The same order and the same reasons as on the page over the archive and in the application.
SELECT
    name,
    look_why AS why,
    round(duration_s / 3600, 1) AS hours,
    beats,
    round(uncertain_percent, 1) AS uncertain_percent,
    address
FROM recordings
WHERE look_first IS NOT NULL
ORDER BY look_first DESC, name
LIMIT 100
