INSERT INTO members_wrongsteps AS counted (user_id, device, wrong, wrong_at) VALUES (%(user)s, %(device)s, 1, %(now)s)
ON CONFLICT (user_id, device) DO UPDATE SET wrong = counted.wrong + 1, wrong_at = EXCLUDED.wrong_at
WHERE counted.wrong < %(free)s OR counted.wrong_at <= EXCLUDED.wrong_at
    - interval '1 second' * least(%(longest)s, %(first)s * 2 ^ least(counted.wrong - %(free)s, 20))
RETURNING wrong
