-- name: add_contact(contact_id, lookup, sealed, now)*!
INSERT INTO contact (contact_id, lookup, sealed, created_at)
VALUES (:contact_id, :lookup, :sealed, :now)
ON CONFLICT (lookup) DO NOTHING;

-- name: add_visit(visit_key, unit_id, visit_id, contact_id, ended_at, day, language, age_band, gender, service, visit_type, consent, now)*!
INSERT INTO visit (visit_key, unit_id, visit_id, contact_id, ended_at, day, language, age_band, gender, service,
                   visit_type, consent, received_at)
VALUES (:visit_key, :unit_id, :visit_id, :contact_id, :ended_at, :day, :language, :age_band, :gender, :service,
        :visit_type, :consent, :now)
ON CONFLICT (unit_id, visit_id) DO NOTHING;

-- name: change_visit(visit_key, contact_id, ended_at, day, language, age_band, gender, service, visit_type, consent, anew)*!
-- With `anew`, what was decided about the visit is forgotten, unless it has been invited.
UPDATE visit
SET contact_id = :contact_id, ended_at = :ended_at, day = :day, language = :language, age_band = :age_band,
    gender = :gender, service = :service, visit_type = :visit_type, consent = :consent,
    decision = CASE WHEN :anew = 1 AND decision <> 'invited' THEN NULL ELSE decision END
WHERE visit_key = :visit_key;
