export { failPoint, onFailPoint } from "./fail-point.ts";
export { type FailPoint, type FailPointPlace, failPoints } from "./fail-points.ts";
