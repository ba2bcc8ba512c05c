export function kafkaAnswers(port: number): Promise<boolean>;
export function postgresAnswers(port: number): Promise<boolean>;
export function mariadbAnswers(port: number): Promise<boolean>;
export function natsAnswers(port: number): Promise<boolean>;
export function elasticsearchAnswers(port: number): Promise<boolean>;
export function freePort(): Promise<number>;
