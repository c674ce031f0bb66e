process.send({ kind: 'ready' });
process.on('message', () => {});
