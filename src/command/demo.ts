export async function demo(_o: unknown, _e: unknown): Promise<void> {}
