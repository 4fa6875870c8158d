"""Checks launch/mpijob.yaml against what the MPI operator accepts: python mpijob.py FILE

The facts are those of kubeflow.org/v2beta1: the fields of MPIJobSpec and RunPolicy, and what the operator's
validation refuses. Of Kubernetes' own part it checks what this file uses.
"""

import re
import sys

import yaml

SPEC = {"slotsPerWorker", "runLauncherAsWorker", "runPolicy", "mpiReplicaSpecs", "sshAuthMountPath",
        "launcherCreationPolicy", "mpiImplementation"}  # fmt: skip
RUN_POLICY = {"cleanPodPolicy", "ttlSecondsAfterFinished", "activeDeadlineSeconds", "backoffLimit",
              "schedulingPolicy", "suspend", "managedBy"}  # fmt: skip
POD = {"containers", "volumes", "terminationGracePeriodSeconds", "nodeSelector", "tolerations", "affinity",
       "initContainers", "imagePullSecrets", "securityContext", "serviceAccountName"}  # fmt: skip
CONTAINER = {"name", "image", "imagePullPolicy", "workingDir", "command", "args", "env", "volumeMounts",
             "resources", "securityContext"}  # fmt: skip
VOLUME = {"persistentVolumeClaim": {"claimName", "readOnly"}, "emptyDir": {"medium", "sizeLimit"}}
# Where the operator mounts the list of the workers.
HOSTFILE = "/etc/mpi/hostfile"


def fields(value, allowed, place):
    unknown = set(value) - set(allowed)
    assert not unknown, f"{place} has no field {', '.join(sorted(unknown))}"


def check_job(job):
    fields(job, {"apiVersion", "kind", "metadata", "spec"}, "the job")
    assert (job["apiVersion"], job["kind"]) == ("kubeflow.org/v2beta1", "MPIJob")
    spec = job["spec"]
    fields(spec, SPEC, "spec")
    assert isinstance(spec["slotsPerWorker"], int) and spec["slotsPerWorker"] > 0
    assert spec.get("mpiImplementation", "OpenMPI") == "OpenMPI"
    policy = spec["runPolicy"]
    fields(policy, RUN_POLICY, "runPolicy")
    assert policy["cleanPodPolicy"] in ("None", "Running", "All")
    # Without it a run that lost a pod would not go on.
    assert policy["backoffLimit"] > 0
    replicas = spec["mpiReplicaSpecs"]
    assert set(replicas) == {"Launcher", "Worker"}, "there are a launcher and workers"
    assert replicas["Launcher"]["replicas"] == 1 and replicas["Worker"]["replicas"] >= 1
    name = f"{job['metadata']['name']}-worker-{replicas['Worker']['replicas'] - 1}"
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", name), "pods have valid names"
    for role, replica in replicas.items():
        fields(replica, {"replicas", "restartPolicy", "template"}, role)
        # The operator refuses Always and ExitCode.
        assert replica["restartPolicy"] in ("Never", "OnFailure")
        check_pod(replica["template"], role)
    check_roles(spec)


def check_pod(template, role):
    fields(template, {"metadata", "spec"}, f"{role}.template")
    pod = template["spec"]
    fields(pod, POD, f"{role}'s pod")
    volumes = {volume["name"]: volume for volume in pod.get("volumes", [])}
    for volume in volumes.values():
        (kind,) = set(volume) - {"name"}
        fields(volume[kind], VOLUME[kind], f"{role}'s volume")
    (container,) = pod["containers"]
    fields(container, CONTAINER, f"{role}'s container")
    for mount in container["volumeMounts"]:
        fields(mount, {"name", "mountPath", "subPath", "readOnly"}, f"{role}'s mount")
        assert mount["name"] in volumes, f"{role} mounts a volume that there is"
    for variable in container.get("env", []):
        fields(variable, {"name", "value", "valueFrom"}, f"{role}'s variable")
        assert isinstance(variable["value"], str)
    for amount in container["resources"].values():
        fields(amount, {"cpu", "memory"}, f"{role}'s resources")


def check_roles(spec):
    """What makes the job work: sshd on workers, the launcher's list of them, a core for each rank."""
    launcher, worker = (
        spec["mpiReplicaSpecs"][role]["template"]["spec"]["containers"][0] for role in ("Launcher", "Worker")
    )
    assert worker["command"] + worker["args"] == ["/usr/sbin/sshd", "-De"]
    assert launcher["args"][0] == HOSTFILE and launcher["args"][-1] == "--resume"
    assert int(worker["resources"]["limits"]["cpu"]) == spec["slotsPerWorker"]
    mounts = [{mount["mountPath"] for mount in each["volumeMounts"]} for each in (launcher, worker)]
    assert launcher["workingDir"] == worker["workingDir"] and launcher["workingDir"] in mounts[0] & mounts[1]
    assert "/dev/shm" in mounts[1]


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        check_job(yaml.safe_load(file))
