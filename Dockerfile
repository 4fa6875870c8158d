# An image of ddp-train: the Python package, as pip installs it, and nothing to build with.
#
#   docker build -t ddp-train .                       # to run on one machine, in Slurm, in pods
#   docker build -t ddp-train-mpi --target operator . # with sshd, for the MPI operator of Kubernetes
#   docker run --rm -v "$PWD:/data" -w /data ddp-train fit rows.csv --minutes 30
#
# The encoder all-MiniLM-L6-v2 is inside (84 MB); --build-arg ENCODER=no leaves it out.

FROM swift:6.3-bookworm AS build
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends \
    ca-certificates gcc git libdnnl-dev libopenblas-dev libopenmpi-dev openmpi-bin pkg-config \
    python3-venv zlib1g-dev \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN ./launch/wheel

FROM python:3.13-slim-bookworm AS runtime
ARG ENCODER=yes
# The user's number is the one that the MPI operator expects.
RUN useradd --create-home --uid 1000 mpiuser
# libstdc++ is not in every slim image.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends libstdc++6 \
  && rm -rf /var/lib/apt/lists/*
RUN --mount=type=bind,from=build,source=/source/dist,target=/dist \
  pip install --no-cache-dir /dist/ddp_train-*.whl
USER 1000
WORKDIR /home/mpiuser
# Where every user of the image finds it, whatever the home directory is.
ENV XDG_DATA_HOME=/home/mpiuser/.local/share
RUN if [ "$ENCODER" = yes ]; then ddp-train get-encoder; fi
ENTRYPOINT ["ddp-train"]
CMD ["--help"]

FROM runtime AS operator
USER 0
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends openssh-client openssh-server \
  && rm -rf /var/lib/apt/lists/* \
  && mkdir -p /run/sshd \
  # The operator mounts keys that belong to another user; host keys change with every pod.
  && printf '%s\n' 'StrictModes no' 'PidFile /home/mpiuser/sshd.pid' 'Port 2222' \
    'HostKey /home/mpiuser/.ssh/id_rsa' 'PasswordAuthentication no' \
    >/etc/ssh/sshd_config.d/operator.conf \
  && printf '%s\n' 'Host *' '  StrictHostKeyChecking no' '  UserKnownHostsFile /dev/null' \
    '  Port 2222' '  LogLevel ERROR' >/etc/ssh/ssh_config.d/operator.conf
USER 1000
ENTRYPOINT []
CMD ["/usr/sbin/sshd", "-De"]
