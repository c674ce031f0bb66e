process.send({ kind: 'ready' });
process.on('message', () => process.exit(7));
