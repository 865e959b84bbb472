"""What pyproject.toml cannot say yet: the loops that are compiled where there is a C compiler.

Where there is none the rest is installed, and NumPy does the same more slowly.
"""

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            "index.store.loops",
            ["index/store/loops.pyx"],
            extra_compile_args=["-O3", "-ffp-contract=off"],  # so sums have the same bits as those of NumPy
            optional=True,
        )
    ]
)
