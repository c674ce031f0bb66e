process.send({ kind: 'ready' });
process.on('message', () => process.send({ kind: 'failed', message: '3 of 256 did not arrive' }));
