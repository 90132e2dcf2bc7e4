// Reads a data package with the npm library `datapackage` and prints its rows, typed, as JSON:
// node datapackage.mjs FOLDER
import datapackage from "datapackage";

const day = (date) =>
  [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((n) => String(n).padStart(2, "0")).join("-");
const found = await datapackage.Package.load("datapackage.json", { basePath: process.argv[2], strict: true });
const tables = {};
for (const resource of found.resources) {
  await resource.checkRelations(); // throws where a foreign key leads nowhere
  const rows = await resource.read({ keyed: true }); // throws where a cell breaks a constraint
  const cells = (row) => resource.headers.map((column) => row[column]);
  tables[resource.name] = [
    resource.headers,
    rows.map((row) => cells(row).map((cell) => (cell instanceof Date ? { day: day(cell) } : cell))),
  ];
}
if (!found.valid) throw found.errors[0];
console.log(JSON.stringify(tables));
