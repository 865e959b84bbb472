"""What pyproject.toml cannot say yet: the loops that are compiled where there is a C compiler.

Where there is none the rest is installed, and NumPy does the same more slowly.
"""

import platform

from setuptools import Extension, setup

# Sums have the same bits as those of NumPy. Bits are counted by the instruction that x86 processors have since 2009.
FLAGS = ["-O3", "-ffp-contract=off", *(["-mpopcnt"] if platform.machine() in ("x86_64", "AMD64") else [])]

setup(
    ext_modules=[
        Extension(
            "index.store.loops",
            ["index/store/loops.pyx"],
            extra_compile_args=FLAGS,
            optional=True,
        )
    ]
)
