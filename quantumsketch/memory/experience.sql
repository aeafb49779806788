-- What earlier videos taught of errors, models and render times.

-- name: known_repairs
-- What has mended these errors in beats that were rendered with it, and what came of telling it since. Only what
-- beats say counts: nobody but the product writes facts of them.
SELECT error.name AS error, repair.name AS repair, repair.properties, met.worked, told.helped, told.in_vain
  FROM nodes AS error
  JOIN edges AS known ON known.source = error.id AND known.kind = 'repaired_by' AND known.valid_to IS NULL
  JOIN nodes AS repair ON repair.id = known.target
 CROSS JOIN LATERAL (
       SELECT count(*) AS worked
         FROM edges JOIN nodes AS beat ON beat.id = edges.source AND beat.kind = 'beat'
        WHERE edges.target = error.id AND edges.kind = 'failed_with' AND edges.valid_to IS NULL
          AND edges.properties ->> 'repair' = repair.name) AS met
 CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE edges.properties -> 'helped' = 'true') AS helped,
              count(*) FILTER (WHERE edges.properties -> 'helped' = 'false') AS in_vain
         FROM edges JOIN nodes AS beat ON beat.id = edges.source AND beat.kind = 'beat'
        WHERE edges.target = repair.id AND edges.kind = 'uses' AND edges.valid_to IS NULL) AS told
 WHERE error.kind = 'error' AND error.name = ANY (%(errors)s::text[]) AND repair.kind = 'repair'
 ORDER BY met.worked + told.helped - told.in_vain DESC, known.recorded_at DESC, repair.name;

-- name: model_endings
-- How the calls to each model ended; one without an end was killed, unless it is still under way.
SELECT model, ended, count(*) AS times, max(at) AS last_at
  FROM model_calls
 WHERE at >= %(since)s AND (ended IS NOT NULL OR at < %(begun_after)s)
 GROUP BY model, ended
 ORDER BY model, ended;

-- name: render_times
-- Of the newest videos: an index leads to them, and what took long on another machine years ago counts no more.
SELECT scene.properties ->> 'kind' AS kind, video.properties ->> 'quality' AS quality, count(*) AS beats,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY (beat.properties ->> 'render_s')::float8) AS median_s,
       percentile_cont(0.5) WITHIN GROUP (
           ORDER BY (beat.properties ->> 'render_s')::float8 / (clip.properties ->> 'duration_s')::float8)
           AS s_per_film_s
  FROM (SELECT id, properties FROM nodes WHERE kind = 'video'
         ORDER BY recorded_at DESC, id LIMIT %(videos)s) AS video
  JOIN edges AS has ON has.source = video.id AND has.kind = 'has_beat' AND has.valid_to IS NULL
  JOIN nodes AS beat ON beat.id = has.target AND (beat.properties ->> 'render_s')::float8 > 0
  JOIN edges AS shows ON shows.source = beat.id AND shows.kind = 'shows' AND shows.valid_to IS NULL
  JOIN nodes AS scene ON scene.id = shows.target
  JOIN edges AS drawn ON drawn.source = beat.id AND drawn.kind = 'rendered_as' AND drawn.valid_to IS NULL
  JOIN nodes AS clip ON clip.id = drawn.target AND (clip.properties ->> 'duration_s')::float8 > 0
 GROUP BY scene.properties ->> 'kind', video.properties ->> 'quality'
 ORDER BY kind, quality;
