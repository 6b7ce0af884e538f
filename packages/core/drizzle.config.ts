import { defineConfig } from "drizzle-kit";

/** For `pnpm migration <name>`: a new step is what the schema has and the steps so far have not. */
export default defineConfig({ dialect: "postgresql", schema: "./src/database/schema", out: "./migrations" });
