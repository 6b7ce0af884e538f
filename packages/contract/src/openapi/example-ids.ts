// Named by examples of both planes, so that they tell one story.
export const uploadId = "0199a5b2-6c1e-7d3a-9f40-5b8e2c1d7a60";
export const jobId = "0199a5b2-6c1f-7e21-8a3d-2f7c9b0e4d15";
export const createdAt = "2026-03-02T09:30:00.000Z";
export const expiresAt = "2026-03-03T09:30:00.000Z";
