// Exports somebody's data in a process of its own, whose memory can be small: `export-child.ts USER`.
import { closeRecord } from "@t2m/core/database/access";
import { exportData } from "@t2m/core/people/export";

const exported = await exportData(process.argv[2] ?? "");
await closeRecord();
process.stdout.write(JSON.stringify(exported));
