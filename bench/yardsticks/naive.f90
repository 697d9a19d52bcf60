! Yardstick: Jacobi sweeps of the plate in Fortran, f64, two arrays, OpenMP over rows; the compiler does the rest.
!   gfortran -O3 -march=native -fopenmp -o naive naive.f90
! Usage: OMP_NUM_THREADS=T ./naive N SWEEPS; prints one JSON line.
program naive
  use iso_fortran_env, only: int64, real64
  implicit none
  integer :: n, sweeps, k
  integer(int64) :: start, finish, rate
  character(16) :: word
  real(real64), allocatable :: u(:, :), v(:, :)

  call get_command_argument(1, word)
  read (word, *) n
  call get_command_argument(2, word)
  read (word, *) sweeps
  allocate (u(n, n), v(n, n))
  !$omp parallel do schedule(static)
  do k = 1, n ! each thread touches first what it will sweep
    u(:, k) = 50
    v(:, k) = 50
  end do
  u(1, :) = 75; u(n, :) = 50; u(:, 1) = 100; u(:, n) = 0
  v(1, :) = 75; v(n, :) = 50; v(:, 1) = 100; v(:, n) = 0
  call sweep(u, v)
  call sweep(v, u)
  call system_clock(start, rate)
  do k = 1, sweeps, 2
    call sweep(u, v)
    call sweep(v, u)
  end do
  call system_clock(finish)
  print '(a,es14.7,a)', '{"secondsPerSweep":', real(finish - start, real64)/rate/(k - 1), '}'

contains

  subroutine sweep(a, b)
    real(real64), intent(in) :: a(n, n)
    real(real64), intent(inout) :: b(n, n)
    integer :: i, j
    !$omp parallel do schedule(static)
    do j = 2, n - 1
      do i = 2, n - 1
        b(i, j) = ((a(i, j - 1) + a(i, j + 1)) + (a(i - 1, j) + a(i + 1, j)))/4
      end do
    end do
  end subroutine
end program
