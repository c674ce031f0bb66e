process.stdout.write('{"sound":true,"cpuMilliseconds":1}\n');
