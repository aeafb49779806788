-- What earlier videos taught of errors, models and render times.

-- name: known_repairs
-- Verified are those that mended the error in a beat that was rendered with it; later beats that were told of one say
-- whether it helped. Only what beats say counts: nobody but the product writes facts of them. Their kind is looked at
-- last: looked for by it, all beats would be read for each.
SELECT error.name AS error, repair.name AS repair, repair.properties, told.beats, told.in_vain
  FROM nodes AS error
  JOIN edges AS known ON known.source = error.id AND known.kind = 'repaired_by' AND known.valid_to IS NULL
  JOIN nodes AS repair ON repair.id = known.target
 CROSS JOIN LATERAL (
       SELECT count(DISTINCT said.source) FILTER (WHERE said.worked AND whose.kind = 'beat') AS beats,
              count(*) FILTER (WHERE NOT said.worked AND whose.kind = 'beat') AS in_vain,
              bool_or(said.verified AND whose.kind = 'beat') AS verified
         FROM (SELECT source, true AS worked, true AS verified FROM edges
                WHERE target = error.id AND kind = 'failed_with' AND valid_to IS NULL
                  AND properties ->> 'repair' = repair.name
                UNION ALL
               SELECT source, properties -> 'helped' = 'true', false FROM edges
                WHERE target = repair.id AND kind = 'uses' AND valid_to IS NULL) AS said
         JOIN nodes AS whose ON whose.id = said.source) AS told
 WHERE error.kind = 'error' AND error.name = ANY (%(errors)s::text[]) AND told.verified
   AND told.in_vain < told.beats
 ORDER BY told.beats - told.in_vain DESC, known.recorded_at DESC, repair.name;

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
