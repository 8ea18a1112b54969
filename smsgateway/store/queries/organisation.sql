-- name: organisation()^
-- The county as imported, one JSON document.
SELECT document FROM organisation;

-- name: put_organisation(document, now)!
INSERT INTO organisation (only_one, document, changed_at) VALUES (1, :document, :now)
ON CONFLICT (only_one) DO UPDATE SET document = excluded.document, changed_at = excluded.changed_at;

-- name: units()
SELECT unit_id, name, parent, position, paused, schedules FROM unit ORDER BY position, unit_id;

-- name: put_unit(unit_id, name, parent, position, paused, schedules)!
INSERT INTO unit (unit_id, name, parent, position, paused, schedules)
VALUES (:unit_id, :name, :parent, :position, :paused, :schedules)
ON CONFLICT (unit_id) DO UPDATE SET
    name = excluded.name, parent = excluded.parent, position = excluded.position, paused = excluded.paused,
    schedules = excluded.schedules;
