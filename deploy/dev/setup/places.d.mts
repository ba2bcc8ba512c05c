export const checkoutDir: string;
export const cacheDir: string;
export const kafkaDir: string;
export const kafkaJarsDir: string;
export const kafkaFormattedDir: string;
export const kafkaClassesFile: string;
export const natsDir: string;
export const logsDir: string;
