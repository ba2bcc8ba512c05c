// Loads the modules given as arguments, relative to the checkout, and prints what each exports as JSON.
const exported: Record<string, string[]> = {};
for (const file of process.argv.slice(2)) {
  const module: object = await import(new URL(`../../${file}`, import.meta.url).href);
  exported[file] = Object.keys(module).sort();
}
console.log(JSON.stringify(exported));
