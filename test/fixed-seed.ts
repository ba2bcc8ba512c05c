// Loaded before each test file of `npm test`: property tests draw the same cases for the same code. `npm run fuzz` draws new ones.
import fc from "fast-check";

fc.configureGlobal({ seed: 20_261_121 });
