#!/bin/sh
# Starts one part of a Flink session cluster in the foreground:
#   flink.sh job-manager | task-manager | job-server
# FLINK_JARS: the folder of the jars; FLINK_CONF: the folder of config.yaml; ADDRESS: the address of this host or pod;
# JOB_MANAGER: HOST:PORT of the REST interface, and STAGED: a folder, both for the job server only.
set -eu
classes="${FLINK_JARS}/*"
runtime=org.apache.flink.runtime

# What Flink reads by reflection. Its own scripts pass the same.
set -f
opened=""
for name in java.base/sun.net.util java.rmi/sun.rmi.registry java.security.jgss/sun.security.krb5; do
    opened="${opened} --add-exports=${name}=ALL-UNNAMED"
done
for name in java.lang java.net java.io java.nio sun.nio.ch java.lang.reflect java.text java.time java.util \
    java.util.concurrent java.util.concurrent.atomic java.util.concurrent.locks; do
    opened="${opened} --add-opens=java.base/${name}=ALL-UNNAMED"
done

case "${1:-}" in
job-manager)
    # shellcheck disable=SC2086
    exec java -Xmx700m -XX:+UseSerialGC ${opened} -cp "${classes}" \
        "${runtime}.entrypoint.StandaloneSessionClusterEntrypoint" --configDir "${FLINK_CONF}"
    ;;
task-manager)
    # Flink computes how a task manager divides its memory: a line for Java, and a line for Flink.
    found=$(java -cp "${classes}" "${runtime}.util.bash.BashJavaUtils" GET_TM_RESOURCE_PARAMS \
        --configDir "${FLINK_CONF}" | sed -n 's/^BASH_JAVA_UTILS_EXEC_RESULT://p')
    sizes=$(printf '%s\n' "${found}" | sed -n 1p)
    divided=$(printf '%s\n' "${found}" | sed -n 2p)
    # shellcheck disable=SC2086
    exec java ${sizes} -XX:+UseSerialGC ${opened} -cp "${classes}" \
        "${runtime}.taskexecutor.TaskManagerRunner" --configDir "${FLINK_CONF}" -D "taskmanager.host=${ADDRESS}" ${divided}
    ;;
job-server)
    # It listens on the address that it names to the run, which sends jobs and files to it.
    # shellcheck disable=SC2086
    exec java -Xmx700m -XX:+UseSerialGC ${opened} -cp "${classes}" \
        org.apache.beam.runners.flink.FlinkJobServerDriver "--flink-master=${JOB_MANAGER}" \
        "--flink-conf-dir=${FLINK_CONF}" "--job-host=${ADDRESS}" --job-port=8099 --artifact-port=8098 \
        --expansion-port=8097 "--artifacts-dir=${STAGED}"
    ;;
*)
    echo "usage: flink.sh job-manager | task-manager | job-server" >&2
    exit 2
    ;;
esac
